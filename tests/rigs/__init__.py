"""Hard failures: killed and stopped processes, full disks, lost databases."""
