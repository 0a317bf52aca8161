const EPERM = 1;
const ENOSYS = 38;
const CLONE_NEWUSER = 0x1000_0000;

const FORBIDDEN = [
  ...[
    'unshare',
    'setns',
    'mount',
    'umount',
    'umount2',
    'pivot_root',
    'chroot',
    'fsopen',
    'fsmount',
    'move_mount',
  ],
  ...[
    'open_tree',
    'fsconfig',
    'fspick',
    'mount_setattr',
    'open_by_handle_at',
    'name_to_handle_at',
    'swapon',
    'swapoff',
  ],
  ...[
    'add_key',
    'keyctl',
    'request_key',
    'bpf',
    'perf_event_open',
    'userfaultfd',
    'quotactl',
    'acct',
    'reboot',
  ],
  ...[
    'init_module',
    'finit_module',
    'delete_module',
    'kexec_load',
    'kexec_file_load',
    'iopl',
    'ioperm',
    'syslog',
  ],
  ...[
    'io_uring_setup',
    'io_uring_enter',
    'io_uring_register',
    'settimeofday',
    'clock_settime',
    'clock_adjtime',
  ],
];

/**
 * What a task has no use for and an attacker has. Above all no further user namespace: in one, a task could mount the
 * control groups' file system and lift its own limits. clone3 hides its flags from the filter, so it is declared
 * unknown and libc falls back to clone.
 */
export const SYSTEM_CALLS = {
  defaultAction: 'SCMP_ACT_ALLOW',
  architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  syscalls: [
    { names: FORBIDDEN, action: 'SCMP_ACT_ERRNO', errnoRet: EPERM },
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS },
    {
      names: ['clone'],
      action: 'SCMP_ACT_ERRNO',
      errnoRet: EPERM,
      args: [{ index: 0, value: CLONE_NEWUSER, valueTwo: CLONE_NEWUSER, op: 'SCMP_CMP_MASKED_EQ' }],
    },
  ],
};
