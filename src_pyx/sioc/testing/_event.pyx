"""Events made of Python values, for what the peer says of its own accord."""

import msgspec

from sioc.testing._packet cimport (
    PacketType,
    empty,
    put_attachment,
    put_packet,
    slice_of,
)
from sioc.testing._wire cimport FrameBuffer


cdef object encode_json = msgspec.json.encode


cdef object strip(object value, list attachments):
    if isinstance(value, (bytes, bytearray, memoryview)):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, (list, tuple)):
        return [strip(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: strip(item, attachments) for key, item in value.items()}
    return value


def encode_event(bytes namespace not None, str event not None, tuple args, bint base64):
    cdef:
        FrameBuffer out = FrameBuffer()
        list attachments = []
        bytes payload = encode_json(strip([event, *args], attachments))
        bytes data
    put_packet(
        out, PacketType.EVENT, len(attachments),
        slice_of(namespace), empty(), slice_of(payload), empty(),
    )
    for data in attachments:
        put_attachment(out, data, len(data), base64)
    return out.to_bytes()
