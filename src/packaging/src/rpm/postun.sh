if [ "$1" -eq 0 ]; then
  rm -rf /var/cache/cvmfs-notify
  rm -f /etc/cvmfs/notify/local.token
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || :
  if [ "$1" -ge 1 ]; then
    # The socket stays: nobody who connects meanwhile is refused.
    systemctl try-restart cvmfs-notify.service || :
    systemctl try-restart 'cvmfs-notify-snapshot@*.service' || :
  fi
fi
exit 0
