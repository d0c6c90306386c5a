//! Real processes on one machine: up, drill, bench.
