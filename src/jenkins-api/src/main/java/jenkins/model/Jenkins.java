package jenkins.model;

import hudson.PluginManager;
import hudson.ProxyConfiguration;
import hudson.init.InitMilestone;
import hudson.model.Computer;
import hudson.model.Item;
import hudson.model.ItemGroup;
import hudson.model.Node;
import hudson.model.TopLevelItem;
import hudson.security.AccessControlled;
import hudson.security.Permission;
import java.util.List;

public class Jenkins extends Node implements ItemGroup<TopLevelItem>, AccessControlled {
    private Jenkins() {}

    public static final Permission ADMINISTER = null;

    public static final Permission SYSTEM_READ = null;

    public static final Permission READ = null;

    public static Jenkins get() throws IllegalStateException {
        throw new UnsupportedOperationException();
    }

    public static Jenkins getInstanceOrNull() {
        throw new UnsupportedOperationException();
    }

    public PluginManager getPluginManager() {
        throw new UnsupportedOperationException();
    }

    public InitMilestone getInitLevel() {
        throw new UnsupportedOperationException();
    }

    public <T extends Item> T getItemByFullName(String fullName, Class<T> type) {
        throw new UnsupportedOperationException();
    }

    public ProxyConfiguration getProxy() {
        throw new UnsupportedOperationException();
    }

    public Computer getComputer(String name) {
        throw new UnsupportedOperationException();
    }

    public List<Node> getNodes() {
        throw new UnsupportedOperationException();
    }
}
