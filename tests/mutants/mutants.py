"""The table of mutants: design faults that the documents warn of, each as an edit of a copy.

An edit's text stands exactly once in its file; when the program changes the table must, too, and
says so. `words` are the promise that was broken, as the killer tells it: not any failure will do.
"""

from tests.mutants import (
    of_access,
    of_bundles,
    of_device,
    of_documents,
    of_downloads,
    of_events,
    of_gates,
    of_identities,
    of_installers,
    of_objects,
    of_orders,
    of_pages,
    of_power,
    of_push,
    of_races,
    of_server,
    of_sessions,
    of_steering,
    of_storage,
    of_tree,
    of_trust,
    of_update,
)

ALL = (
    *of_update.MUTANTS,
    *of_device.MUTANTS,
    *of_objects.MUTANTS,
    *of_sessions.MUTANTS,
    *of_tree.MUTANTS,
    *of_documents.MUTANTS,
    *of_gates.MUTANTS,
    *of_identities.MUTANTS,
    *of_installers.MUTANTS,
    *of_downloads.MUTANTS,
    *of_bundles.MUTANTS,
    *of_push.MUTANTS,
    *of_races.MUTANTS,
    *of_server.MUTANTS,
    *of_events.MUTANTS,
    *of_orders.MUTANTS,
    *of_pages.MUTANTS,
    *of_steering.MUTANTS,
    *of_storage.MUTANTS,
    *of_access.MUTANTS,
    *of_power.MUTANTS,
    *of_trust.MUTANTS,
)
