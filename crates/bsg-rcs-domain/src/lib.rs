//! The rules of RCS business messaging, pure: what may be sent to whom, what state it is in, what it costs.
