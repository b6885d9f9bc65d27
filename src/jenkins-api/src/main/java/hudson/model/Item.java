package hudson.model;

import hudson.security.AccessControlled;
import hudson.security.Permission;
import java.io.File;

public interface Item extends AccessControlled {
    Permission CONFIGURE = null;

    File getRootDir();

    String getFullName();
}
