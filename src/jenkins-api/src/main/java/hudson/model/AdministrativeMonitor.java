package hudson.model;

import hudson.ExtensionPoint;
import hudson.security.Permission;

public abstract class AdministrativeMonitor implements ExtensionPoint {

    protected AdministrativeMonitor() {
        throw new UnsupportedOperationException();
    }

    public String getDisplayName() {
        throw new UnsupportedOperationException();
    }

    public abstract boolean isActivated();

    public Permission getRequiredPermission() {
        throw new UnsupportedOperationException();
    }
}
