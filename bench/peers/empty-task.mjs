// The task of a pool package that does nothing.
export default () => 0;
