# The user must be there before the files, one of which belongs to his group.
getent group cvmfs-notify >/dev/null || groupadd --system cvmfs-notify
getent passwd cvmfs-notify >/dev/null ||
  useradd --system --gid cvmfs-notify --home-dir /var/lib/cvmfs-notify --no-create-home --shell /sbin/nologin \
    --comment 'CernVM-FS notifications' cvmfs-notify
exit 0
