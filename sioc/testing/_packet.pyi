"""Socket.IO packets, read as slices of a frame; for compiled code only."""
