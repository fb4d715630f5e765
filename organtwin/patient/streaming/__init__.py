"""Numbers from signals that are still arriving: beats, their features, and what disturbs them.

Everything here is fed by ``push(start, values)`` with consecutive pieces of one channel and its
source time, keeps a bounded stretch of the past and knows nothing of files or sockets.
"""
