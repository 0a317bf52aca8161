/* A mount namespace and a network for what the launcher starts: less to copy, and less to make for every task. */

/* Makes both. Answers what could not be had (with errno), or NULL. */
const char *move_apart(void);

/* Before each task, when no process of the last one is left: what the host mounted meanwhile is seen, and a network that
 * shows any trace of use is not used again. Answers as `move_apart`. */
const char *renew_apart(void);

/* In the program's process, which has the host's mounts until then. They answer 0, or -1 with errno. */
int enter_mounts(void);
int enter_host_network(void);
