package hudson;

import java.util.List;

public class PluginWrapper {
    private PluginWrapper() {}

    public String getShortName() {
        throw new UnsupportedOperationException();
    }

    public List<Dependency> getMandatoryDependencies() {
        throw new UnsupportedOperationException();
    }

    public boolean isEnabled() {
        throw new UnsupportedOperationException();
    }

    public boolean isDeleted() {
        throw new UnsupportedOperationException();
    }

    public static final class Dependency {
        public final String shortName;

        private Dependency() {
            throw new UnsupportedOperationException();
        }
    }
}
