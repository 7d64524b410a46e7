"""``python -m graphengine``."""

import sys

from graphengine.cli import main

sys.exit(main())
