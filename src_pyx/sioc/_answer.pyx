"""The answer to an event of the server's that asked for an ack."""


cdef class Ack:
    """Answer an event of the server's; call it once, with the ack's arguments."""

    def __call__(self, *args):
        self.sender.wire.check_turn()
        if self.sent:
            return
        # Before it is: what encodes an argument may call again.
        self.sent = True
        try:
            self.sender.send_ack(self.id, self.session, args)
        except Exception:
            self.sent = False
            raise

    cdef int take(self, object result) except -1:
        """Take a listener's result: the first that is not None is the ack."""
        if self.sent or self.explicit:
            return 0
        if result is not None:
            if isinstance(result, tuple):
                self(*result)
            else:
                self(result)
        self.finished += 1
        return 0

    cdef int settle_empty(self) except -1:
        """Send an empty ack once every listener has ended and none gave a value."""
        if not self.explicit and self.waiting == 0 and self.finished:
            self()
        return 0
