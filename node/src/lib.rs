//! Threads, files, sockets, HTTP and metrics around one replica.
