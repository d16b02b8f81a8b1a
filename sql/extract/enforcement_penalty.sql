-- Read the penalties that the enforcement system holds, one row per decision and party.
--
-- Grain: one decision and party, soft-deleted rows left out. The change time (gxsj) is not reliable and not read.
-- Repeatable: reads only. Parameters: none.

SELECT
    d.cfid,
    p.dsrmc,
    COALESCE(k.zdmc, p.dsrlx) AS dsrlx,
    p.xydm,
    p.gszch,
    p.zzjgdm,
    p.swdjh,
    p.sydwzsh,
    p.shzzdjzh,
    p.fddbr,
    p.fr_zjlx,
    p.fr_zjhm,
    p.zjlx,
    p.zjhm,
    d.jdswh,
    d.wfxwlx,
    d.wfss,
    d.cfyj,
    d.cfzl,
    d.cfnr,
    d.fkje_y,
    d.msje_y,
    d.zkdx,
    d.jdrq,
    d.yxqz,
    d.gsjzrq,
    d.jgmc,
    d.jgdm,
    d.sjly,
    d.sjlydm,
    d.bz
FROM t_aj_cfjd AS d
INNER JOIN t_aj_dsr AS p ON d.dsrid = p.dsrid
LEFT JOIN t_xt_zdx AS k ON p.dsrlx = k.zddm AND k.zdlx = 'DSRLX'
WHERE d.sfsc = '0'
ORDER BY d.cfid
