package hudson.util;

public class PersistedList<T> {
    protected PersistedList() {
        throw new UnsupportedOperationException();
    }
}
