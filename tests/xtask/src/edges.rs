//! Who may depend on whom.
