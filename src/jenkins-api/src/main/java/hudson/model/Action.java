package hudson.model;

public interface Action extends ModelObject {
    default String getIconFileName() {
        throw new UnsupportedOperationException();
    }

    default String getDisplayName() {
        throw new UnsupportedOperationException();
    }

    default String getUrlName() {
        throw new UnsupportedOperationException();
    }
}
