package hudson.model;

import hudson.remoting.VirtualChannel;
import hudson.security.Permission;
import java.util.concurrent.ExecutorService;

public abstract class Computer extends Actionable {
    public static final Permission BUILD = null;

    public static final ExecutorService threadPoolForRemoting = null;

    public abstract VirtualChannel getChannel();

    public String getName() {
        throw new UnsupportedOperationException();
    }

    public boolean isOffline() {
        throw new UnsupportedOperationException();
    }

    public boolean isTemporarilyOffline() {
        throw new UnsupportedOperationException();
    }
}
