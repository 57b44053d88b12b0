namespace ChatHost;

/// <summary>Who somebody is at one moment: an id that is never given twice, and the nickname of that moment.</summary>
internal readonly record struct MemberInfo(long Id, string Name);
