"""Events that other systems send: stored before they are acknowledged, in the lake seconds later, each exactly once."""
