"""Encoded MessagePack, walked without being decoded; used by compiled code only."""
