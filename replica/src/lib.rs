//! One node's whole mind, without input or output: mempool, rounds, execution, sync.
