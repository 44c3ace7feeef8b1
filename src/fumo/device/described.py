"""What a device of ours is, as a description (DDF) for the makers of servers. No effects.

The same nodes that answer commands are described here, so that the two cannot differ.
"""

from fumo.device import fumo_object
from fumo.device.nodes import own
from fumo.dm.ddf import Ddf
from fumo.tree.description import ddf_of
from fumo.tree.objects import Description
from fumo.update.operation import Target


def description(man: str, model: str, object_name: str) -> Ddf:
    """The description of all devices of this maker and model."""
    device = Description("", man=man, mod=model)
    return ddf_of(own(device, {fumo_object.address(object_name): Target()}), man, model)
