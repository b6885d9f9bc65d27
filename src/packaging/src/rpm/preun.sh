if [ "$1" -eq 0 ] && [ -d /run/systemd/system ]; then
  systemctl disable --now cvmfs-notify.socket cvmfs-notify.service || :
  systemctl stop 'cvmfs-notify-snapshot@*.service' || :
fi
exit 0
