//! Detection in plain text; placeholder until the detector is in.
