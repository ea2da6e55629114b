"""The inbound half of a namespace for parsers other than JSON's."""

from sioc._channel import Channel

class ObjectChannel(Channel):
    """One namespace on a Manager, whatever the parser."""
