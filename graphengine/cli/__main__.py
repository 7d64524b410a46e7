"""``python -m graphengine.cli``."""

import sys

from graphengine.cli import main

sys.exit(main())
