//! Carries bytes between peers; knows topics and limits, never ballots.
