"""``python -m graphengine.worker``."""

from graphengine.worker.main import main

if __name__ == "__main__":  # training starts processes of its own, which import this
    main()
