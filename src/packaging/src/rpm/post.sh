if [ "$1" -eq 1 ] && [ -d /run/systemd/system ]; then
  systemctl preset cvmfs-notify.socket cvmfs-notify.service || :
fi
# Without it the service makes one that only it can read.
/usr/lib/cvmfs-notify/make-local-token || echo 'cvmfs-notify: no local token was made' >&2
# Without the archive commands start more slowly, nothing else.
/usr/lib/cvmfs-notify/share-classes || echo 'cvmfs-notify: commands start without an archive of classes' >&2
exit 0
