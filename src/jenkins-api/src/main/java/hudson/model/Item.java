package hudson.model;

import hudson.security.AccessControlled;
import hudson.security.Permission;
import java.io.File;

public interface Item extends AccessControlled, ModelObject {
    Permission CONFIGURE = null;

    Permission EXTENDED_READ = null;

    ItemGroup<? extends Item> getParent();

    String getUrl();

    File getRootDir();

    String getFullName();
}
