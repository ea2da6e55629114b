"""Fuzz targets: functions of one bytes that raise when an invariant does not hold."""
