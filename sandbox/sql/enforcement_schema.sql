-- Create the tables of the enforcement system as its vendor designed them: text dates, amounts in 元, soft deletes.
--
-- Grain: three tables. Repeatable: yes. Parameters: none.
CREATE TABLE IF NOT EXISTS t_xt_zdx (
    zdlx text NOT NULL,
    zddm text NOT NULL,
    zdmc text NOT NULL,
    PRIMARY KEY (zdlx, zddm)
);
CREATE TABLE IF NOT EXISTS t_aj_dsr (
    dsrid bigint PRIMARY KEY,
    dsrmc text,
    dsrlx char(1),
    xydm text,
    gszch text,
    zzjgdm text,
    swdjh text,
    sydwzsh text,
    shzzdjzh text,
    fddbr text,
    fr_zjlx text,
    fr_zjhm text,
    zjlx text,
    zjhm text
);
CREATE TABLE IF NOT EXISTS t_aj_cfjd (
    cfid bigint PRIMARY KEY,
    dsrid bigint NOT NULL,
    jdswh text,
    wfxwlx text,
    wfss text,
    cfyj text,
    cfzl text,
    cfnr text,
    fkje_y numeric(18, 2),
    msje_y numeric(18, 2),
    zkdx text,
    jdrq varchar(20),
    yxqz varchar(20),
    gsjzrq varchar(20),
    jgmc text,
    jgdm varchar(18),
    sjly text,
    sjlydm varchar(18),
    bz text,
    sfsc char(1) NOT NULL DEFAULT '0',
    lrsj timestamp,
    gxsj timestamp
);
