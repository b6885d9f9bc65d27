package hudson.model;

public abstract class Cause {
    public abstract String getShortDescription();

    public void onAddedTo(Run build) {
        throw new UnsupportedOperationException();
    }
}
