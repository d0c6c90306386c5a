//! Blocks, their execution, the state they commit to, and its durable, atomic keeping.
