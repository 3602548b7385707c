"""Parts of the report: each says what it needs, and makes one section or some figures of one."""
