"""Packets as objects."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import sioc
from sioc import Packet, PacketType


def test_types_are_those_of_the_protocol() -> None:
    names = ["CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR"]
    names += ["BINARY_EVENT", "BINARY_ACK"]
    assert {kind.name: int(kind) for kind in PacketType} == {
        name: number for number, name in enumerate(names)
    }
    assert sioc.protocol == 5


def test_a_packet_keeps_what_it_is_made_of() -> None:
    data = ["a", 1]
    packet = Packet(PacketType.EVENT, "/admin", data, 7)
    assert (packet.type, packet.nsp, packet.id) == (PacketType.EVENT, "/admin", 7)
    assert packet.data is data


def test_defaults() -> None:
    packet = Packet(PacketType.CONNECT)
    assert (packet.type, packet.nsp, packet.data, packet.id) == (0, "/", None, None)
    assert packet == Packet(type=0, nsp="/", data=None, id=None)


@pytest.mark.parametrize(
    "other",
    [
        Packet(PacketType.ACK, "/a", ["x"], 1),
        Packet(PacketType.EVENT, "/b", ["x"], 1),
        Packet(PacketType.EVENT, "/a", ["y"], 1),
        Packet(PacketType.EVENT, "/a", ["x"], 2),
        Packet(PacketType.EVENT, "/a", ["x"]),
        (2, "/a", ["x"], 1),
        None,
    ],
)
def test_packets_are_equal_when_all_their_parts_are(other: object) -> None:
    packet = Packet(PacketType.EVENT, "/a", ["x"], 1)
    assert packet == Packet(PacketType.EVENT, "/a", ["x"], 1)
    assert packet != other


def test_a_packet_cannot_be_hashed() -> None:
    # Its parts can be changed.
    with pytest.raises(TypeError, match="unhashable"):
        hash(Packet(PacketType.CONNECT))


def test_repr_names_the_type() -> None:
    packet = Packet(PacketType.EVENT, "/a", ["x", b"y"], 3)
    assert repr(packet) == "Packet(EVENT, nsp='/a', data=['x', b'y'], id=3)"


@pytest.mark.parametrize("kind", [-1, 7])
def test_a_packet_of_an_unknown_type_can_be_shown_or_not_made(kind: int) -> None:
    try:
        packet = Packet(kind)
    except ValueError:
        return
    assert str(kind) in repr(packet)


@pytest.mark.parametrize("nsp", [None, b"/", 1])
def test_a_namespace_is_text(nsp: Any) -> None:
    with pytest.raises(TypeError):
        Packet(PacketType.EVENT, nsp)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy])
def test_a_packet_can_be_copied(duplicate: Any) -> None:
    packet = Packet(PacketType.EVENT, "/a", ["x", b"y"], 3)
    assert duplicate(packet) == packet


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_packet_can_be_pickled(protocol: int) -> None:
    packet = Packet(PacketType.ACK, "/a", ["x", b"y"], 3)
    assert pickle.loads(pickle.dumps(packet, protocol)) == packet
