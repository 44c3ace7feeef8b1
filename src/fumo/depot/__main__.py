"""`python -m fumo.depot`: see `fumo.depot.main`."""

import sys

from fumo.depot.main import main

sys.exit(main())
