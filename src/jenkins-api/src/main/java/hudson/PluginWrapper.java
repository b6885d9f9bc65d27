package hudson;

public class PluginWrapper {
    private PluginWrapper() {}

    public boolean isEnabled() {
        throw new UnsupportedOperationException();
    }

    public boolean isDeleted() {
        throw new UnsupportedOperationException();
    }
}
