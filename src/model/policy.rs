//! Policy documents: when two of them mean the same.
