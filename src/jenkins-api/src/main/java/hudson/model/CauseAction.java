package hudson.model;

public class CauseAction implements Action {
    public CauseAction(Cause c) {
        throw new UnsupportedOperationException();
    }
}
