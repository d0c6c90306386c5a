//! N replicas, a seed, a virtual clock, faults and checkers.
