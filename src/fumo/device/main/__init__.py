"""The device program, put together: settings in, an exit code out.

accounts    which account it has, by its settings or by a bootstrap
building    an agent and its ports, out of settings
lives       the machine that starts, lives as an agent, and starts again
"""

from fumo.device.main.accounts import NoAccount, accounts, settled
from fumo.device.main.building import setup_of, tls_of
from fumo.device.main.lives import Machine, run

__all__ = ["Machine", "NoAccount", "accounts", "run", "settled", "setup_of", "tls_of"]
