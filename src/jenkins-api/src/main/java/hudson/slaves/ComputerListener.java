package hudson.slaves;

import hudson.ExtensionPoint;
import hudson.model.Computer;
import hudson.model.TaskListener;
import java.io.IOException;

public abstract class ComputerListener implements ExtensionPoint {
    public void onOnline(Computer c, TaskListener listener) throws IOException, InterruptedException {
        throw new UnsupportedOperationException();
    }

    public void onOffline(Computer c, OfflineCause cause) {
        throw new UnsupportedOperationException();
    }

    public void onTemporarilyOnline(Computer c) {
        throw new UnsupportedOperationException();
    }

    public void onTemporarilyOffline(Computer c, OfflineCause cause) {
        throw new UnsupportedOperationException();
    }

    public void onConfigurationChange() {
        throw new UnsupportedOperationException();
    }
}
