package hudson;

public abstract class PluginManager {
    public PluginWrapper whichPlugin(Class<?> c) {
        throw new UnsupportedOperationException();
    }
}
