int terminal_guard_arm(void);
